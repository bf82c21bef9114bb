"""KMS: the one key that AWS keeps for DynamoDB."""
