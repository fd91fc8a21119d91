public import ServingCore
