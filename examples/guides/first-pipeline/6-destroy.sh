terraform destroy
kafka/bin/kafka-server-stop.sh
