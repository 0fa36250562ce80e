// Command terraform-provider-kafkaconnect serves the provider to Terraform and OpenTofu.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider"
)

// version is set by the release build.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger such as delve, and print how to attach Terraform")
	flag.Parse()

	if !*debug {
		if err := provider.DisableUnusedLogging(); err != nil {
			log.Fatal(err)
		}
	}
	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/kafkaconnect/kafkaconnect",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}
