// Command floor serves the provider that does nothing.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/floor"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider"
)

func main() {
	if err := provider.DisableUnusedLogging(); err != nil { // as the real one does: half of what a plan takes is no floor
		log.Fatal(err)
	}
	err := providerserver.Serve(context.Background(), floor.New, providerserver.ServeOpts{
		Address: "registry.terraform.io/kafkaconnect/kafkaconnect",
	})
	if err != nil {
		log.Fatal(err)
	}
}
