// Command terraform-provider-kafkaconnect serves the provider to Terraform and OpenTofu.
package main

import (
	"errors"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider"
)

// version is set by the release build.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger such as delve, and print how to attach Terraform")
	flag.Parse()
	tuneGarbageCollector()

	if !*debug {
		if err := provider.DisableUnusedLogging(); err != nil {
			log.Fatal(err)
		}
	}
	var options []tf6server.ServeOpt
	if *debug {
		options = append(options, tf6server.WithManagedDebug())
	}
	stopProfile, err := startProfile()
	if err != nil {
		log.Fatal(err)
	}
	err = tf6server.Serve("registry.terraform.io/kafkaconnect/kafkaconnect", provider.NewServer(version), options...)
	if err := errors.Join(err, stopProfile()); err != nil {
		log.Fatal(err)
	}
}
