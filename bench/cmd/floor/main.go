// Command floor serves the provider that does nothing.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/floor"
)

func main() {
	err := providerserver.Serve(context.Background(), floor.New, providerserver.ServeOpts{
		Address: "registry.terraform.io/kafkaconnect/kafkaconnect",
	})
	if err != nil {
		log.Fatal(err)
	}
}
