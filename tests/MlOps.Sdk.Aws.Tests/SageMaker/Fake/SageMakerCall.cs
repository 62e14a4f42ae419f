using System.Text.Json.Nodes;

namespace MlOps.Sdk.Aws.Tests;

/// <summary>A request that the fake took.</summary>
internal sealed record SageMakerCall(string Name, JsonObject Request, IReadOnlyDictionary<string, string> Headers);
