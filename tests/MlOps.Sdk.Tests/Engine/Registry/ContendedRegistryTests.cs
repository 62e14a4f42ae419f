using System.Globalization;
using System.Text;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tests.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Registry;

/// <summary>
/// Versions and aliases are linearizable between processes: every operation takes effect at one moment between its beginning and its end,
/// as if there were one caller only. Checked from the recorded history of all of them.
/// </summary>
internal sealed class ContendedRegistryTests : StoreFixture
{
    [Test]
    public async Task RegisterMoveAndRead_ManyWritersInFourProcesses_AreLinearizable()
    {
        var (processes, writers, seconds) = (4, LongForm.Of(many: 16, few: 4), LongForm.Of(many: 30, few: 2));
        var registry = new ModelRegistry(Store);
        await BlessTwoAsync(registry);
        var hosts = Enumerable.Range(0, processes)
            .Select(i => HostProcess.Start(
                "contend", DatabasePath, $"{i}", $"{writers}", seconds.ToString(CultureInfo.InvariantCulture)))
            .ToList();
        var operations = new List<Operation>();
        try
        {
            foreach (var host in hosts) Assert.That(await host.ReadLineAsync(), Is.EqualTo("ready"));
            foreach (var host in hosts) host.Continue();
            foreach (var lines in await Task.WhenAll(hosts.Select(host => host.FinishAsync())))
            {
                operations.AddRange(lines.Select(Operation.Parse));
            }
        }
        finally
        {
            hosts.ForEach(host => host.Dispose());
        }

        var registered = operations.Where(operation => operation.What == "register").ToArray();
        RequireVersionsInOrder(registered);
        Assert.That((await registry.ListAsync("shared")).Select(version => version.Version), Is.EqualTo(
            Enumerable.Range(1, registered.Length + 2).Reverse()));
        await RequireAliasInOrderAsync(registry, operations);
        var verification = await new AuditLog(Store).VerifyAsync();
        Assert.That(verification.IsIntact, Is.True, verification.Problem);
        TestContext.Out.WriteLine(FormattableString.Invariant(
            $"{string.Join(", ", operations.GroupBy(o => o.What).Select(group => $"{group.Count()} × {group.Key}"))}"));
        Assert.That(operations.Select(operation => operation.What).Distinct(), Does.Contain("move").And.Contain("read"));
    }

    // What was registered before another registration began has the smaller number; each number was given once.
    private static void RequireVersionsInOrder(Operation[] registered)
    {
        Assert.That(registered.Select(operation => operation.Version), Is.EquivalentTo(Enumerable.Range(3, registered.Length)));
        var ended = new Queue<Operation>(registered.OrderBy(operation => operation.End));
        var largest = 0;
        foreach (var operation in registered.OrderBy(operation => operation.Begin))
        {
            while (ended.TryPeek(out var first) && first.End < operation.Begin) largest = Math.Max(largest, ended.Dequeue().Version);
            Assert.That(operation.Version, Is.GreaterThan(largest));
        }
    }

    // The history of the alias is the order of its moves. Every other operation gets the earliest place in it that its time and the
    // operations before it allow: where one finds none, there is no order that explains what was seen.
    private static async Task RequireAliasInOrderAsync(ModelRegistry registry, List<Operation> operations)
    {
        var moves = (await registry.AliasHistoryAsync("shared", ModelRegistry.Champion)).Reverse().ToArray();
        var ofAlias = operations.Where(operation => operation.What != "register").OrderBy(operation => operation.Begin).ToArray();
        Assert.That(ofAlias.Count(operation => operation.What == "move"), Is.EqualTo(moves.Length - 1));
        foreach (var (older, newer) in moves.Zip(moves.Skip(1))) Assert.That(newer.Previous, Is.EqualTo(older.Version));
        var ended = new PriorityQueue<int, long>();
        var reached = 0;
        foreach (var operation in ofAlias)
        {
            while (ended.TryPeek(out var place, out var end) && end < operation.Begin)
            {
                reached = Math.Max(reached, place);
                ended.Dequeue();
            }

            var at = Enumerable.Range(reached, moves.Length - reached).FirstOrDefault(
                i => operation.What switch
                {
                    "move" => i > reached && moves[i].Reason == operation.Argument,
                    "read" => moves[i].Version == operation.Version,
                    _ => moves[i].Version != operation.Version,
                },
                -1);
            Assert.That(
                at, Is.GreaterThanOrEqualTo(0), $"{operation.What} {operation.Argument} has no place after {reached} of {moves.Length}");
            ended.Enqueue(at, operation.End);
        }
    }

    private static async Task BlessTwoAsync(ModelRegistry registry)
    {
        for (var version = 1; version <= 2; version++)
        {
            var id = ArtifactId.Of(Encoding.UTF8.GetBytes($"blessed {version}"));
            var registered = await registry.RegisterAsync(
                new NewModelVersion("shared", id, id.Hex, null, new Dictionary<string, MetricValue>()), "test");
            await registry.BlessAsync(registered, [new GateResult("roc_auc", GateOutcome.Passed, "0.9", "0.8", "It is above.")], "test");
        }

        await registry.PromoteAsync(await registry.GetBlessedAsync("shared", 1), ModelRegistry.Champion, null, "test", "first");
    }

    private sealed record Operation(long Begin, long End, string What, string Argument)
    {
        public int Version => int.Parse(Argument, CultureInfo.InvariantCulture);

        public static Operation Parse(string line)
        {
            var parts = line.Split(' ');
            return new Operation(
                long.Parse(parts[0], CultureInfo.InvariantCulture), long.Parse(parts[1], CultureInfo.InvariantCulture), parts[2], parts[3]);
        }
    }
}
