package plugin_test

import (
	"os"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

func TestMain(m *testing.M) { os.Exit(acctest.Main(m)) }
