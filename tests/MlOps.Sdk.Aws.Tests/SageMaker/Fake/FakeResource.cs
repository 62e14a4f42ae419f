using System.Text.Json.Nodes;

namespace MlOps.Sdk.Aws.Tests;

/// <summary>A model or a configuration of the fake, as it was created.</summary>
internal sealed record FakeResource(JsonObject Request, string Arn, double CreatedAt);
