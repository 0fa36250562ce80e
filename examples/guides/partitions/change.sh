terraform apply -var 'partitions={offset=50,config=1,status=5}'
