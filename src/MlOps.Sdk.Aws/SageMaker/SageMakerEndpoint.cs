using System.Text.Json.Nodes;

namespace MlOps.Sdk.Deployment;

/// <summary>An endpoint as SageMaker describes it.</summary>
/// <param name="Arn">Its ARN.</param>
/// <param name="Status">Its state.</param>
/// <param name="Configuration">The configuration that it serves.</param>
/// <param name="Pending">The configuration that it is being brought to; <see langword="null"/> for none.</param>
/// <param name="FailureReason">Why the last change of it failed; <see langword="null"/> when it did not.</param>
internal sealed record SageMakerEndpoint(string Arn, string Status, string Configuration, string? Pending, string? FailureReason)
{
    /// <summary>Whether it is about to change, so that nothing can be told of it yet.</summary>
    public bool IsChanging => Status is "Creating" or "Updating" or "SystemUpdating" or "RollingBack" or "Deleting";

    public bool IsInService => Status is "InService";

    /// <summary>Whether it can only be deleted.</summary>
    public bool IsFailed => Status is "Failed";

    public static SageMakerEndpoint Of(JsonObject answer) => new(
        Required(answer, "EndpointArn"),
        Required(answer, "EndpointStatus"),
        answer["EndpointConfigName"]?.GetValue<string>() ?? "",
        answer["PendingDeploymentSummary"]?["EndpointConfigName"]?.GetValue<string>(),
        answer[nameof(FailureReason)]?.GetValue<string>());

    private static string Required(JsonObject answer, string member) => answer[member]?.GetValue<string>()
        ?? throw new MlOpsException($"SageMaker describes the endpoint without '{member}'.", "Check SageMakerOptions.ApiAddress.");
}
