"""One layout shared by several clinics: the body is laid out once, and the content of each clinic is set into its slots."""
