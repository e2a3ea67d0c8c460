"""Rich views, imported only when a terminal is there to show them."""
