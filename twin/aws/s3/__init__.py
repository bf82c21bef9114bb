"""S3 where the emulator differs from AWS."""
