package internaltopic

func connectorOf(_ Role, key []byte) (string, bool) { return "", true }
