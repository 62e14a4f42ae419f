using Acme;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Docs;

/// <summary>A whole lifecycle whose versions another host serves.</summary>
[TestFixture]
public sealed class HandedOverTests
{
    [Test]
    public async Task Folder_OfALifecycle_IsServedByAHostThatFollowsIt()
    {
        using var folder = new TempFolder();
        using var signer = PackageSigner.Create();
        await using var origin = await Workspace.OpenAsync(folder["origin"], options => options.Signer = signer);
        var lifecycle = SampleLifecycle.Begin(Subscriber.Draw(400, 1))
            .Deployed(deployment => HandedOver.IntoFolder(deployment, folder["releases"])).Build();
        var run = await lifecycle.RunAsync(origin);
        Assert.That(run.Deployment!.Targets, Is.EqualTo(new[] { "process", $"folder {folder["releases"]}" }));
        Assert.That((await lifecycle.ReconcileAsync(origin)).Select(target => target.IsInSync), Is.All.True);

        using var host = HandedOver.Follow(
            Host.CreateApplicationBuilder(), folder["served"], folder["releases"], signer.PublicKey);
        await host.StartAsync();

        var row = UnlabelledSubscriber.Of(Subscriber.Draw(1, seed: 9)[0]);
        var served = host.Services.GetRequiredService<Workspace>();
        var there = served.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name).Predict(row);
        var here = origin.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name).Predict(row);
        Assert.That((there.Version, there.Value), Is.EqualTo((here.Version, here.Value)), "to the last bit");
        Assert.That(
            (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Status, Is.EqualTo(HealthStatus.Healthy));
        var file = Directory.GetFiles(Path.Combine(folder["releases"], SampleLifecycle.Name), "*.mlops").Single();
        Assert.That(await HandedOver.ReceiveAsync(served, file), Is.False, "the host has it already");

        // What was changed in the folder is found, and written again.
        await File.WriteAllTextAsync(file, "changed");
        var repaired = (await lifecycle.ReconcileAsync(origin)).Single(target => target.Target != "process");
        Assert.That((repaired.IsInSync, repaired.IsRepaired, repaired.Problem), Is.EqualTo((false, true, (string?)null)));
        Assert.That((await lifecycle.ReconcileAsync(origin)).Select(target => target.IsInSync), Is.All.True);
        await host.StopAsync();
    }

    [Test]
    public void MakeKey_TheTwoTexts_AreOnePair()
    {
        var (privateKey, publicKey) = SignedPackages.MakeKey();

        using var signer = PackageSigner.FromPem(privateKey);
        Assert.That(signer.PublicKey, Is.EqualTo(publicKey));
        Assert.That(new PackageTrust(publicKey).KeyIds, Is.EqualTo(new[] { signer.KeyId }));
    }

    [Test]
    public async Task ContainerContext_OfALifecycle_IsWrittenAndInSync()
    {
        using var folder = new TempFolder();
        using var signer = PackageSigner.Create();
        await using var origin = await Workspace.OpenAsync(folder["origin"], options => options.Signer = signer);
        var lifecycle = SampleLifecycle.Begin(Subscriber.Draw(400, 1))
            .Deployed(deployment => HandedOver.IntoContainerContext(deployment, folder["contexts"])).Build();

        await lifecycle.RunAsync(origin);

        var contexts = Path.Combine(folder["contexts"], SampleLifecycle.Name);
        Assert.That(Path.Combine(contexts, await File.ReadAllTextAsync(Path.Combine(contexts, "current")), "Dockerfile"), Does.Exist);
        Assert.That((await lifecycle.ReconcileAsync(origin)).Select(target => target.IsInSync), Is.All.True);
    }

    [Test]
    public void Http_OfALifecycle_IsATargetByItsAddress() => Assert.That(
        () => SampleLifecycle.Begin().Deployed(HandedOver.OverHttp).Build(), Throws.Nothing);
}
