sed -i.bak 's|copy.txt|missing/copy.txt|' main.tf
terraform apply
