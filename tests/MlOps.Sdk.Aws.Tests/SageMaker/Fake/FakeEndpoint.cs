namespace MlOps.Sdk.Aws.Tests;

/// <summary>An endpoint of the fake.</summary>
internal sealed class FakeEndpoint
{
    public string Status { get; set; } = "Creating";

    public required string Configuration { get; set; }

    public string? Pending { get; set; }

    public string? FailureReason { get; set; }

    /// <summary>How often it is looked at before a change ends.</summary>
    public int Looks { get; set; }

    /// <summary>Why the change that runs will fail.</summary>
    public string? WillFail { get; set; }
}
