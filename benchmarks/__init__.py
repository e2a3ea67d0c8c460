"""Side-by-side measurements, each printing ratios from one run."""
