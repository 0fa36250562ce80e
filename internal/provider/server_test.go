package provider

import (
	"context"
	"runtime"
	"testing"
	"weak"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// While nobody reads the log, a request leaves nothing of its context behind.
func TestRequestLeavesNothingOfItsContext(t *testing.T) {
	for _, part := range logParts {
		t.Setenv(part, "OFF")
	}
	server := NewServer("test")()
	kept := request(t, server)
	runtime.GC()
	if kept.Value() != nil {
		t.Error("the server keeps the context of a finished request")
	}
	runtime.KeepAlive(server)
}

// request sends a request, and returns a pointer to a value of its context.
func request(t *testing.T, server tfprotov6.ProviderServer) weak.Pointer[[1024]byte] {
	t.Helper()
	type key struct{}
	value := new([1024]byte)
	ctx := context.WithValue(t.Context(), key{}, value)
	if _, err := server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: "kafkaconnect_connector"}); err != nil {
		t.Fatal(err)
	}
	return weak.Make(value)
}

func TestRequestEndsWithItsContext(t *testing.T) {
	s := &server{}
	outer, cancel := context.WithCancel(t.Context())
	inner, end := s.requestContext(outer)
	defer end()
	if inner.Err() != nil {
		t.Fatal("the request ended early")
	}
	cancel()
	<-inner.Done()
}
