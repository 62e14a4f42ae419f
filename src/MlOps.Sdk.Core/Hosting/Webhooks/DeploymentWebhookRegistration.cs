using MlOps.Sdk.Monitoring;

namespace MlOps.Sdk;

/// <summary>A webhook that is told of what happens to models.</summary>
/// <param name="Name">Its name, under which the workspace keeps up to which event it was told.</param>
/// <param name="Url">Its address.</param>
/// <param name="Options">How it is called.</param>
internal sealed record DeploymentWebhookRegistration(string Name, string Url, WebhookOptions Options);
