// Command floor serves the provider that sends no requests.
package main

import (
	"log"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/floor"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider"
)

func main() {
	if err := provider.DisableUnusedLogging(); err != nil { // as the real provider does: unused logging takes half of a plan's time
		log.Fatal(err)
	}
	if err := tf6server.Serve("registry.terraform.io/kafkaconnect/kafkaconnect", floor.New); err != nil {
		log.Fatal(err)
	}
}
