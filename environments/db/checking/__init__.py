"""What a claimed SQL answer is compared with."""
