# Variables of the benchmark's configurations. The connectors must have the names and settings that main.tf has.

# URL of the Connect worker's REST API, without a trailing slash.
variable "url" { type = string }

# Number of connectors.
variable "n" { type = number }

# Revision of the connectors' configuration. Another number changes all connectors.
variable "revision" { type = number }

# Existing file that every connector reads.
variable "file" { type = string }

# State of the connectors: RUNNING or STOPPED. Without a way to set it, a provider leaves them RUNNING.
variable "state" { type = string }
