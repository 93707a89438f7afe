"""What a table means: columns, missing values, cleaning, target, group."""
