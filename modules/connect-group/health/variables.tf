variable "cluster" {
  description = "Name of an entry in `clusters` of the provider."
  type        = string
}

variable "revisions" {
  description = "`content_sha256` of the workers' files."
  type        = list(string)
}
