terraform init
terraform apply
terraform output -raw source >source.properties
terraform output -raw sink >sink.properties
