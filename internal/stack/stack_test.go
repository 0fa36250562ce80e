package stack_test

import (
	"os"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

func TestMain(m *testing.M) { os.Exit(stack.Main(m)) }

func TestStart(t *testing.T) {
	s := stack.Start(t, stack.Options{})
	t.Log(s.Bootstrap(), s.URLs())
}
