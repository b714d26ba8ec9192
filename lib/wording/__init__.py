"""What texts say: cleaning, addresses, the same story told twice, coins named, tone. All pure."""
