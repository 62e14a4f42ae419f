using MlOps.Sdk.Deployment;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Kubernetes.Tests;

/// <summary>What every target promises, for Kubernetes: every image is a server of the version that its tag names.</summary>
/// <param name="kserve">Whether by KServe.</param>
[TestFixture(false)]
[TestFixture(true)]
public sealed class KubernetesTargetContractTests(bool kserve) : DeploymentTargetContract
{
    private Bench _bench = null!;

    [SetUp]
    public void Open() => _bench = new Bench();

    [TearDown]
    public async Task Close() => await _bench.DisposeAsync();

    protected override IDeploymentTarget Create(Workspace workspace) =>
        new Pushing(_bench, workspace, _bench.Create(workspace, options => options.KServe = kserve));

    protected override Task<bool> TamperAsync(IDeploymentTarget target, string endpoint)
    {
        var service = _bench.Server.Of("inferenceservices").SingleOrDefault();
        var pods = service is not null
            ? service["spec"]!["predictor"]!
            : _bench.Server.Of("deployments").Single()["spec"]!["template"]!["spec"]!;
        pods["containers"]![0]!["image"] = "registry.example.com/churn:0";
        if (service is not null) KServeController.Apply(service, service, looks: 2);
        return Task.FromResult(true);
    }

    /// <summary>Whoever deploys has pushed the image before.</summary>
    private sealed class Pushing(Bench bench, Workspace workspace, KubernetesTarget target) : IDeploymentTarget
    {
        public string Name => target.Name;

        public TargetCapabilities Capabilities => target.Capabilities;

        public ValueTask ApplyAsync(DesiredDeployment desired, CancellationToken cancellationToken = default)
        {
            bench.Push(workspace, desired);
            return target.ApplyAsync(desired, cancellationToken);
        }

        public ValueTask<ObservedDeployment> ObserveAsync(string endpoint, CancellationToken cancellationToken = default) =>
            target.ObserveAsync(endpoint, cancellationToken);
    }
}
