using MlOps.Sdk.Deployment;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Kubernetes.Tests;

/// <summary>What every target promises, for manifests.</summary>
[TestFixture(false)]
[TestFixture(true)]
public sealed class KubernetesManifestContractTests(bool kserve) : DeploymentTargetContract
{
    private TempFolder _folder = null!;

    [SetUp]
    public void Open() => _folder = new TempFolder();

    [TearDown]
    public void Close() => _folder.Dispose();

    protected override IDeploymentTarget Create(Workspace workspace)
    {
        var options = new KubernetesManifestOptions { KServe = kserve };
        options.Workload.Image = "registry.example.com/churn:{version}";
        return new KubernetesManifestTarget(options.Checked(), _folder["manifests"], Bench.ServicesOf(workspace));
    }

    protected override Task<bool> TamperAsync(IDeploymentTarget target, string endpoint)
    {
        File.WriteAllText(_folder[$"manifests/{endpoint}.yaml"], "kind: Service\n\t{");
        return Task.FromResult(true);
    }
}
