echo "one order" >orders.txt
terraform init
terraform apply
