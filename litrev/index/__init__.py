"""What can be found: the query language, and the engines that answer it."""
