"""What happens, told to every open page: one reader, a bounded queue for each."""
