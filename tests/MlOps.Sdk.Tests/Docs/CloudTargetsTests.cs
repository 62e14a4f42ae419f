using Acme;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Docs;

/// <summary>What the pages about clouds show can be built; a cloud itself is not there.</summary>
[TestFixture]
public sealed class CloudTargetsTests
{
    [Test]
    public void Build_TargetsOfClouds_HaveNoMistakes()
    {
        foreach (var deployed in new Func<LifecycleBuilder, LifecycleBuilder>[]
        {
            CloudTargets.ToSageMaker, CloudTargets.ToKubernetes, CloudTargets.ToNodesOfAPool, CloudTargets.ToKServe,
            CloudTargets.ToManifests,
        })
        {
            Assert.That(() => deployed(SampleLifecycle.Begin()).Build(), Throws.Nothing, deployed.Method.Name);
        }
    }
}
