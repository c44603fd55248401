"""What is said of texts that are shown masked."""

MASKED = "mobile, landline and identity numbers are masked; names written into the text are not"
MASKED_REPLY = "mobile and identity numbers are masked"
