echo "another order" >>orders.txt
sleep 5
cat copy.txt
