// Package guides tests the README and the guides: their configurations on a real Kafka and Kafka Connect, and their words.
package guides_test

import (
	"os"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

func TestMain(m *testing.M) { os.Exit(acctest.Main(m)) }
