using System.Text.Json;

namespace MlOps.Sdk.Tool.Tests;

/// <summary>What a command line did.</summary>
internal sealed record Outcome(int Code, string Out, string Error)
{
    public JsonElement Json => JsonDocument.Parse(Out).RootElement;

    public string[] Lines => Out.TrimEnd('\n').Split('\n');
}
