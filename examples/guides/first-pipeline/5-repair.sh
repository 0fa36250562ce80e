mkdir missing
echo "a third order" >>orders.txt
terraform apply
sleep 5
cat missing/copy.txt
