using System.Text.Json.Nodes;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Kubernetes.Tests;

[TestFixture]
internal sealed class KubernetesTargetTests : KubernetesFixture
{
    private const string Mark = "mlops.sdk/workspace";
    private const string Route = "PATCH /apis/gateway.networking.k8s.io/v1/namespaces/models/httproutes/churn";

    [Test]
    public async Task ApplyAsync_Objects_AreClosedAndProbed()
    {
        await Create(options =>
        {
            options.Environment.Add("LOG_LEVEL", "info");
            (options.EnvironmentSecret, options.PullSecret) = ("churn-keys", "registry");
        }).ApplyAsync(First);

        var deployment = Bench.Server.Of("deployments").Single();
        var pod = deployment["spec"]!["template"]!["spec"]!;
        var container = pod["containers"]!.AsArray().Single()!;
        Assert.Multiple(() =>
        {
            Assert.That(deployment["metadata"]!["annotations"]!["mlops.sdk/version"]!.GetValue<string>(), Is.EqualTo("1"));
            Assert.That(deployment["spec"]!["strategy"]!["rollingUpdate"]!["maxUnavailable"]!.ToString(), Is.EqualTo("0"));
            Assert.That(pod["securityContext"]!["runAsNonRoot"]!.GetValue<bool>(), Is.True);
            Assert.That(pod["automountServiceAccountToken"]!.GetValue<bool>(), Is.False);
            Assert.That(pod["imagePullSecrets"]![0]!["name"]!.GetValue<string>(), Is.EqualTo("registry"));
            Assert.That(container["image"]!.GetValue<string>(), Is.EqualTo("registry.example.com/churn:1"));
            Assert.That(container["securityContext"]!["readOnlyRootFilesystem"]!.GetValue<bool>(), Is.True);
            Assert.That(container["securityContext"]!["allowPrivilegeEscalation"]!.GetValue<bool>(), Is.False);
            Assert.That(container["securityContext"]!["capabilities"]!["drop"]![0]!.GetValue<string>(), Is.EqualTo("ALL"));
            Assert.That(container["livenessProbe"]!["httpGet"]!["path"]!.GetValue<string>(), Is.EqualTo("/models/health/live"));
            Assert.That(container["readinessProbe"]!["httpGet"]!["path"]!.GetValue<string>(), Is.EqualTo("/models/health/ready"));
            Assert.That(container["startupProbe"], Is.Not.Null);
            Assert.That(container["resources"]!["limits"]!["memory"]!.GetValue<string>(), Is.EqualTo("512Mi"));
            Assert.That(container["envFrom"]![0]!["secretRef"]!["name"]!.GetValue<string>(), Is.EqualTo("churn-keys"));
            Assert.That(Bench.Server.Of("poddisruptionbudgets").Count(), Is.EqualTo(1));
            Assert.That(Bench.ServedBy("churn"), Is.EqualTo(deployment["metadata"]!["name"]!.GetValue<string>()));
        });
    }

    [Test]
    public async Task ApplyAsync_NextVersion_IsVerifiedBeforeCallsComeAndTheOldRemovedAfter()
    {
        var target = Create();
        await target.ApplyAsync(First);
        var before = Bench.Server.Calls.Count;

        await target.ApplyAsync(Second);

        var calls = Bench.Server.Calls.Skip(before).ToList();
        var verified = calls.FindIndex(call => call.Contains("/proxy/models/churn/predict", StringComparison.Ordinal));
        var entered = calls.IndexOf("PATCH /api/v1/namespaces/models/services/churn");
        var removed = calls.FindIndex(call => call.StartsWith("DELETE", StringComparison.Ordinal));
        Assert.That(new[] { verified, entered, removed }, Is.Ordered.And.All.GreaterThan(0));
        Assert.That(Bench.Server.Of("deployments").Count(), Is.EqualTo(1));
        Assert.That(Bench.Server.Of("services").Count(), Is.EqualTo(2));
    }

    [Test]
    public async Task ApplyAsync_ImageIsMissing_OldServesAndTheNewIsRemoved()
    {
        var target = Create();
        await target.ApplyAsync(First);
        var served = Bench.ServedBy("churn");
        Bench.Server.Images.Remove("registry.example.com/churn:2");

        Assert.That(
            async () => await target.ApplyAsync(Second),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("ImagePullBackOff").And.Message.Contains("churn:2")
                .And.Property("Remedy").Contains("Push the image"));

        Assert.That(Bench.ServedBy("churn"), Is.EqualTo(served));
        Assert.That(Bench.Server.Of("deployments").Count(), Is.EqualTo(1));
        Assert.That((await target.ObserveAsync("churn")).Version, Is.EqualTo(1));
    }

    [Test]
    public async Task ApplyAsync_DeadlineIsOver_OldServesAndTheNewIsRemoved()
    {
        var target = Create();
        await target.ApplyAsync(First);
        Bench.Server.Stalls = true;

        Assert.That(
            async () => await target.ApplyAsync(Second),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("ProgressDeadlineExceeded: has timed out progressing"));

        Assert.That(Bench.Server.Of("deployments").Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task ApplyAsync_AnswersOtherwise_NoCallEverReachesIt()
    {
        var target = Create();
        await target.ApplyAsync(First);
        var served = Bench.ServedBy("churn");
        Bench.Error = 1e-9;

        Assert.That(
            async () => await target.ApplyAsync(Second), Throws.TypeOf<MlOpsException>().With.Message.Contains("Golden score 0"));

        Assert.That(Bench.ServedBy("churn"), Is.EqualTo(served));
        Assert.That(Bench.Server.Calls.Count(call => call == "PATCH /api/v1/namespaces/models/services/churn"), Is.EqualTo(1));
        Assert.That(Bench.Server.Of("deployments").Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task ApplyAsync_ApiKey_IsSentWithTheGoldenRowsOnly()
    {
        Bench.Key = "key-of-tests";

        await Create(options => options.ApiKey = "key-of-tests").ApplyAsync(First);

        Assert.That(Bench.ServedBy("churn"), Is.Not.Null);
        Assert.That(Bench.Server.Objects.Values.Select(value => value.ToJsonString()), Has.None.Contains("key-of-tests"));
    }

    [Test]
    public async Task ApplyAsync_Gateway_DividesCallsByWeightsStepByStep()
    {
        var target = Canary();
        await target.ApplyAsync(First);
        await target.ApplyAsync(Second);

        var routes = Bench.Server.Applied.Where(applied => applied["kind"]!.GetValue<string>() == "HTTPRoute").ToList();
        Assert.Multiple(() =>
        {
            Assert.That(routes.Select(WeightsOf), Is.EqualTo(new[] { "100", "90,10", "50,50", "100" }));
            Assert.That(routes[1]["spec"]!["parentRefs"]![0]!["name"]!.GetValue<string>(), Is.EqualTo("public"));
            Assert.That(routes[1]["apiVersion"]!.GetValue<string>(), Is.EqualTo("gateway.networking.k8s.io/v1"));
            Assert.That(routes[2]["metadata"]!["annotations"]!["mlops.sdk/version"]!.GetValue<string>(), Is.EqualTo("1"), "not served yet");
            Assert.That(routes[3]["metadata"]!["annotations"]!["mlops.sdk/version"]!.GetValue<string>(), Is.EqualTo("2"));
            Assert.That(Bench.ServedBy("churn"), Is.Null, "callers come by the route");
        });
        Assert.That((await target.ObserveAsync("churn")).Version, Is.EqualTo(2));
    }

    [Test]
    public async Task ApplyAsync_CanaryBreaks_GoesBackToTheOld()
    {
        var target = Canary();
        await target.ApplyAsync(First);
        Bench.Server.Breaks = (call, isAfter) =>
        {
            if (isAfter && call.StartsWith("PATCH", StringComparison.Ordinal) && call.Contains("httproutes", StringComparison.Ordinal))
            {
                Bench.Server.Broken.UnionWith(
                    Bench.Server.Of("deployments").Select(found => found["metadata"]!["name"]!.GetValue<string>())
                        .Where(name => name.Contains("-v2-", StringComparison.Ordinal)));
            }
            return false;
        };

        Assert.That(
            async () => await target.ApplyAsync(Second),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("did not stay available with 10 % of the calls"));

        var route = Bench.Server.Of("httproutes").Single();
        Assert.That(WeightsOf(route), Is.EqualTo("100"));
        Assert.That(route["spec"]!["rules"]![0]!["backendRefs"]![0]!["name"]!.GetValue<string>(), Does.Contain("-v1-"));
        Assert.That((await target.ObserveAsync("churn")).Version, Is.EqualTo(1));
        Assert.That(Bench.Server.Of("deployments").Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task ApplyAsync_CancelledInACanary_GivesTheCallsBack()
    {
        var target = Canary();
        await target.ApplyAsync(First);
        using var cancelled = new CancellationTokenSource();
        Bench.Server.Breaks = (call, isAfter) =>
        {
            if (isAfter && call == Route) cancelled.Cancel();
            return false;
        };

        Assert.That(
            async () => await target.ApplyAsync(Second, cancelled.Token), Throws.InstanceOf<OperationCanceledException>());

        Assert.That(WeightsOf(Bench.Server.Of("httproutes").Single()), Is.EqualTo("100"));
        Assert.That((await target.ObserveAsync("churn")).Version, Is.EqualTo(1));
    }

    /// <param name="found">The weight that a killed process left.</param>
    /// <param name="percents">The steps of this one.</param>
    [TestCase(50, new[] { 10, 50 }, "50,50 100")]
    [TestCase(30, new[] { 10, 50 }, "50,50 100")]
    [TestCase(50, new[] { 5, 20 }, "80,20 100")]
    public async Task ApplyAsync_KilledInAStep_GoesOnAtTheWeightInTheCluster(int found, int[] percents, string steps)
    {
        await Canary().ApplyAsync(First);
        var name = await StepAndKillAsync(found);
        var before = Bench.Server.Applied.Count;

        await Create(options =>
        {
            options.Gateway = "public";
            foreach (var percent in percents) options.CanaryPercents.Add(percent);
        }).ApplyAsync(Second);

        var routes = Bench.Server.Applied.Skip(before).Where(applied => applied["kind"]!.GetValue<string>() == "HTTPRoute").ToList();
        Assert.That(string.Join(' ', routes.Select(WeightsOf)), Is.EqualTo(steps));
        Assert.That(BackendsOf(Bench.Server.Of("httproutes").Single()).Single()!["name"]!.GetValue<string>(), Is.EqualTo(name));
    }

    [Test]
    public async Task ApplyAsync_CancelledBeforeItGoesOn_GivesTheCallsBack()
    {
        await Canary().ApplyAsync(First);
        await StepAndKillAsync(50);
        using var cancelled = new CancellationTokenSource();
        Bench.Server.Breaks = (call, isAfter) =>
        {
            if (isAfter && call.Contains("/proxy/", StringComparison.Ordinal)) cancelled.Cancel();
            return false;
        };

        Assert.That(
            async () => await Canary().ApplyAsync(Second, cancelled.Token), Throws.InstanceOf<OperationCanceledException>());

        Assert.That(WeightsOf(Bench.Server.Of("httproutes").Single()), Is.EqualTo("100"));
        Assert.That((await Canary().ObserveAsync("churn")).Version, Is.EqualTo(1));
    }

    [Test]
    public async Task ApplyAsync_Step_LastsAsLongAsItIsToWhateverTheLooksTake()
    {
        var target = Canary();
        await target.ApplyAsync(First);
        var began = DateTimeOffset.MaxValue;
        Bench.Server.Breaks = (call, isAfter) =>
        {
            if (!isAfter && call.Contains("/deployments/churn-v2", StringComparison.Ordinal) && began < Bench.Time.GetUtcNow())
            {
                Bench.Time.Advance(TimeSpan.FromSeconds(30));
            }
            if (isAfter && call == Route && began == DateTimeOffset.MaxValue) began = Bench.Time.GetUtcNow();
            return false;
        };

        await target.ApplyAsync(Second);

        Assert.That(Bench.Time.GetUtcNow() - began, Is.LessThan(TimeSpan.FromMinutes(12)), "two steps of five minutes");
    }

    [Test]
    public async Task ObserveAsync_CanaryWasLeft_IsNotInSync()
    {
        var target = Canary();
        await target.ApplyAsync(First);
        var backends = Bench.Server.Of("httproutes").Single()["spec"]!["rules"]![0]!["backendRefs"]!.AsArray();
        backends.Add(JsonNode.Parse("""{"name":"churn-v2-01234567","port":80,"weight":10}"""));

        Assert.That((await target.ObserveAsync("churn")).Version, Is.Null);
    }

    [Test]
    public async Task ApplyAsync_AnotherVersionEntersMeanwhile_IsNotRemoved()
    {
        var target = Create();
        await target.ApplyAsync(First);
        var first = Bench.ServedBy("churn");
        var hasListed = false;
        Bench.Server.Breaks = (call, isAfter) =>
        {
            if (hasListed || !isAfter || call != "GET /apis/apps/v1/namespaces/models/deployments") return false;
            hasListed = true;
            Bench.Server.Objects["/api/v1/namespaces/models/services/churn"]["spec"]!["selector"]!["mlops.sdk/release"] = first;
            return false;
        };

        await target.ApplyAsync(Second);

        Assert.That(hasListed, Is.True);
        Assert.That(Bench.Server.Of("deployments").Count(), Is.EqualTo(2));
        Assert.That(Bench.Server.Calls, Has.None.StartsWith("DELETE"));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task ApplyAsync_GatewayIsSetOrRemovedLater_WhatTheOldEntranceSelectsStays(bool hadGateway)
    {
        await (hadGateway ? Canary() : Create()).ApplyAsync(First);

        await (hadGateway ? Create() : Canary()).ApplyAsync(Second);

        Assert.That(
            Bench.Server.Of("deployments").Select(found => found["metadata"]!["name"]!.GetValue<string>()[..8]),
            Is.EquivalentTo(new[] { "churn-v1", "churn-v2" }));
    }

    [Test]
    public async Task ApplyAsync_NoRightForRoutes_IsNotNeededWithoutGateway()
    {
        Bench.Server.Instead = call => call.Contains("httproutes", StringComparison.Ordinal) ? (403, "{}") : null;
        await Create().ApplyAsync(First);

        await Create().ApplyAsync(Second);

        Assert.That(Bench.Server.Of("deployments").Count(), Is.EqualTo(1));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task ApplyAsync_ServerFailsFromTheEntranceOn_PodsWithCallsStay(bool hasGateway)
    {
        var target = hasGateway ? Canary() : Create();
        await target.ApplyAsync(First);
        var entrance = hasGateway ? "httproutes/churn" : "services/churn";
        var (isOver, left) = (false, 6);
        Bench.Server.Breaks = (call, isAfter) =>
        {
            if (isOver || !isAfter || !call.StartsWith("PATCH", StringComparison.Ordinal)) return false;
            return isOver = call.EndsWith(entrance, StringComparison.Ordinal);
        };

        // The answer of the request that was carried out is lost, and its repetitions fail; then the server is back.
        Bench.Server.Instead = _ => isOver && left-- > 0 ? (503, "{}") : null;

        Assert.That(
            async () => await target.ApplyAsync(Second), Throws.TypeOf<MlOpsException>().With.Message.Contains("cannot apply"));

        var served = hasGateway
            ? Bench.Server.Of("httproutes").Single()["spec"]!["rules"]![0]!["backendRefs"]!.AsArray()
                .Select(backend => backend!["name"]!.GetValue<string>())
            : [Bench.ServedBy("churn")!];
        Assert.That(
            served, Is.SubsetOf(Bench.Server.Of("deployments").Select(found => found["metadata"]!["name"]!.GetValue<string>()).ToList()));
        Bench.Server.Breaks = (_, _) => false;
        await target.ApplyAsync(Second);
        Assert.That((await target.ObserveAsync("churn")).Version, Is.EqualTo(2));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task ApplyAsync_EntranceOfAnotherWorkspace_IsRefusedUntilItIsMarked(bool hasGateway)
    {
        var target = hasGateway ? Canary() : Create();
        await target.ApplyAsync(First);
        var annotations = AnnotationsOf(hasGateway ? "httproutes/churn" : "services/churn");
        Assert.That(annotations[Mark]!.GetValue<string>(), Is.EqualTo(Workspace.Id));
        annotations[Mark] = "0123";
        var (before, applied) = (Bench.Server.Objects.Count, Bench.Server.Applied.Count);

        Assert.That(
            async () => await target.ApplyAsync(Second),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("is of the workspace 0123").And.Message.Contains(Workspace.Id)
                .And.Property("Remedy").Contains("kubectl annotate").And.Property("Remedy").Contains("KubernetesOptions.Namespace"));
        Assert.That((await target.ObserveAsync("churn")).Version, Is.Null);
        Assert.That((Bench.Server.Objects.Count, Bench.Server.Applied.Count), Is.EqualTo((before, applied)));

        annotations[Mark] = Workspace.Id;
        await target.ApplyAsync(Second);
        Assert.That((await target.ObserveAsync("churn")).Version, Is.EqualTo(2));
    }

    [Test]
    public async Task ApplyAsync_MadeBeforeMarksWereThere_IsAdoptedByTheWorkspaceThatHasTheVersion()
    {
        await Create().ApplyAsync(First);
        foreach (var path in Bench.Server.Objects.Keys) AnnotationsOf(path).Remove(Mark);
        await using var other = await TemporaryWorkspace.OpenAsync();
        var theirs = await BlessedModels.DesiredAsync(
            other.Workspace, await BlessedModels.CreateAsync(other.Workspace, "other"), "churn");

        Assert.That(
            async () => await Bench.Create(other.Workspace).ApplyAsync(theirs),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("does not say from which workspace it is"));
        Assert.That((await Create().ObserveAsync("churn")).Version, Is.EqualTo(1));
        await Create().ApplyAsync(First);

        Assert.That(
            Bench.Server.Objects.Keys.Select(path => AnnotationsOf(path)[Mark]!.GetValue<string>()),
            Is.All.EqualTo(Workspace.Id));
    }

    [Test]
    public async Task ApplyAsync_DeploymentsOfAnotherWorkspace_AreNotTouched()
    {
        await Create().ApplyAsync(First);
        var first = Bench.Server.Objects.Single(entry => entry.Key.Contains("deployments/churn-v1", StringComparison.Ordinal));
        AnnotationsOf(first.Key)[Mark] = "0123";

        await Create().ApplyAsync(Second);

        Assert.That(Bench.Server.Objects, Does.ContainKey(first.Key), "it is not removed");
        Assert.That(
            async () => await Create().ApplyAsync(First),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("The Deployment 'churn-v1").And.Message.Contains("0123"));
    }

    [Test]
    public async Task ApplyAsync_ServiceOfOthers_IsNotTouched()
    {
        var theirs = JsonNode.Parse(
            """{"apiVersion":"v1","kind":"Service","metadata":{"name":"churn"},"spec":{"selector":{"app":"x"}}}""");
        Bench.Server.Objects["/api/v1/namespaces/models/services/churn"] = theirs!.AsObject();
        var target = Create();

        Assert.That(
            async () => await target.ApplyAsync(First),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("was not created by this library"));

        Assert.That(Bench.Server.Objects, Has.Count.EqualTo(1));
        Assert.That((await target.ObserveAsync("churn")).Version, Is.Null);
    }

    [Test]
    public async Task ApplyAsync_ServerIsBusy_IsRepeated()
    {
        var left = 3;
        Bench.Server.Instead = call => call.StartsWith("PATCH", StringComparison.Ordinal) && left-- > 0 ? (429, "{}") : null;

        await Create().ApplyAsync(First);

        Assert.That(Bench.ServedBy("churn"), Is.Not.Null);
    }

    [TestCase(403, "deployments.apps is forbidden", "does not let the account", "services/proxy")]
    [TestCase(422, "quota exceeded", "quota exceeded", "quotas")]
    public void ApplyAsync_Rejected_SaysWhatToDo(int status, string said, string problem, string remedy)
    {
        Bench.Server.Instead = call =>
            call.StartsWith("PATCH", StringComparison.Ordinal) ? (status, $$"""{"message":"{{said}}"}""") : null;

        Assert.That(
            async () => await Create().ApplyAsync(First),
            Throws.TypeOf<MlOpsException>().With.Message.Contains(problem).And.Property("Remedy").Contains(remedy)
                .And.Message.Not.Contains(FakeApiServer.Token));
    }

    /// <param name="isAfter">Whether the server carries the last request out, and its answer is lost.</param>
    [TestCase(false)]
    [TestCase(true)]
    public async Task ApplyAsync_EndedAtAnyRequest_IsRepairedByTheNext(bool isAfter)
    {
        var ends = 0;
        for (var at = 0; ; at += LongForm.Of(1, 5))
        {
            await using var bench = NewBench();
            await bench.Create(Workspace).ApplyAsync(First);
            var (before, first) = (bench.Server.Calls.Count, bench.ServedBy("churn"));
            using var killed = new CancellationTokenSource();
            bench.Server.Breaks = (_, after) =>
            {
                if (after != isAfter || bench.Server.Calls.Count - before <= at) return false;
                killed.Cancel();
                return true;
            };
            var hasEnded = false;
            try
            {
                await bench.Create(Workspace).ApplyAsync(Second, killed.Token);
            }
            catch (OperationCanceledException)
            {
                hasEnded = true;
            }

            bench.Server.Breaks = (_, _) => false;
            Assert.That(
                bench.ServedBy("churn"),
                Is.EqualTo(first).Or.Contains("-v2-"), $"ended at request {at}");
            var next = bench.Create(Workspace);
            await next.ApplyAsync(Second);
            Assert.That((await next.ObserveAsync("churn")).Version, Is.EqualTo(2), $"ended at request {at}");
            Assert.That(bench.Server.Of("deployments").Count(), Is.EqualTo(1), $"ended at request {at}");
            Assert.That(bench.Server.Of("services").Count(), Is.EqualTo(2), $"ended at request {at}");
            if (!hasEnded) break;
            ends++;
        }

        Assert.That(ends, Is.GreaterThan(2));
    }

    private KubernetesTarget Create(Action<KubernetesOptions>? configure = null) => Bench.Create(Workspace, configure);

    private KubernetesTarget Canary() => Create(options =>
    {
        options.Gateway = "public";
        options.CanaryPercents.Add(10);
        options.CanaryPercents.Add(50);
    });

    // As a process leaves it that ends within a step: the pods of the second version are there, and have a share.
    private async Task<string> StepAndKillAsync(int percent)
    {
        using var cancelled = new CancellationTokenSource();
        Bench.Server.Breaks = (call, isAfter) =>
        {
            if (isAfter && call == Route) cancelled.Cancel();
            return false;
        };
        Assert.That(
            async () => await Canary().ApplyAsync(Second, cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
        Bench.Server.Breaks = (_, _) => false;
        var name = Bench.Server.Of("deployments").Select(found => found["metadata"]!["name"]!.GetValue<string>())
            .Single(found => found.StartsWith("churn-v2", StringComparison.Ordinal));
        var backends = BackendsOf(Bench.Server.Of("httproutes").Single());
        backends[0]!["weight"] = 100 - percent;
        backends.Add(new JsonObject { ["name"] = name, ["port"] = 80, ["weight"] = percent });
        return name;
    }

    private JsonObject AnnotationsOf(string path) => Bench.Server.Objects
        .Single(entry => entry.Key.EndsWith(path, StringComparison.Ordinal)).Value["metadata"]!["annotations"]!.AsObject();

    private static JsonArray BackendsOf(JsonObject route) => route["spec"]!["rules"]![0]!["backendRefs"]!.AsArray();

    private static string WeightsOf(JsonObject route) => string.Join(
        ',', BackendsOf(route).Select(backend => backend!["weight"]!.GetValue<int>()));
}
