using System.Globalization;
using CanaryExample;
using MlOps.Sdk;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Rollout;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};

// A workspace of its own, which is deleted at the end: the example tells the same each time.
var folder = Path.Combine(Path.GetTempPath(), $"canary-{Guid.NewGuid():N}");
try
{
    var credit = new CreditService();
    await using var workspace = await Workspace.OpenAsync(
        folder, options => CreditCheckedTrainer.AddReader(options.Readers, credit), stop.Token);
    var customers = await Customers.ReadAsync(Path.Combine(AppContext.BaseDirectory, "data", "telco-churn.csv"), stop.Token);

    Title("The first version goes live at once");
    var first = ChurnLifecycle.Define(customers.Path, Trainers.LogisticRegression(), features => features.Numeric(["tenure"]));
    Tell(await first.RunAsync(workspace, cancellationToken: stop.Token));

    Title("A better one takes over step by step");
    var second = ChurnLifecycle.Define(
        customers.Path,
        Trainers.LogisticRegression(),
        features => features.Numeric(["tenure", "monthly_charges"]));
    Tell(await second.RunAsync(workspace, cancellationToken: stop.Token));
    await FollowAsync(second);

    Title("The next one needs a credit service, which goes down");
    var third = ChurnLifecycle.Define(
        customers.Path,
        new CreditCheckedTrainer(credit),
        features => features
            .Numeric(["tenure", "monthly_charges", "total_charges"])
            .OneHot(["contract", "internet_service", "payment_method", "online_security", "tech_support"]));
    Tell(await third.RunAsync(workspace, cancellationToken: stop.Token));
    credit.IsDown = true;
    await FollowAsync(third);

    Title("What was decided, the newest first");
    foreach (var decision in await workspace.Rollouts.HistoryAsync(ChurnLifecycle.Name, cancellationToken: stop.Token))
    {
        Console.WriteLine($"  version {decision.Version} {decision.State} at {decision.Share:P0}: {decision.Reason}");
    }

    Console.WriteLine();
    Console.WriteLine($"Version {workspace.Endpoint(ChurnLifecycle.Name).Version} is live.");
    return 0;

    static void Title(string title) => Console.WriteLine($"{Environment.NewLine}── {title} ──");

    static void Tell(LifecycleRun run) => Console.WriteLine($"  {run.Deployment!.Reason}");

    async Task FollowAsync(Lifecycle lifecycle)
    {
        var calls = new Dictionary<(int Version, string Arm), int>();
        var (failed, share) = (0, -1.0);
        ModelRollout rollout;
        do
        {
            foreach (var customer in customers.Next(200))
            {
                try
                {
                    var answer = workspace.Endpoint(ChurnLifecycle.Name).Predict(customer);
                    calls[(answer.Version, answer.Arm)] = calls.GetValueOrDefault((answer.Version, answer.Arm)) + 1;
                }
                catch (CreditServiceDownException)
                {
                    failed++;
                }
            }

            rollout = (await lifecycle.CheckRolloutAsync(workspace, cancellationToken: stop.Token))!;
            if (rollout.Share != share) Console.WriteLine($"  Version {rollout.Version} answers {share = rollout.Share:P0} of the calls.");
        }
        while (rollout.State == RolloutState.Running);

        foreach (var finding in rollout.Findings) Console.WriteLine($"  {finding.Guard} {finding.State}: {finding.Sentence}");
        foreach (var ((version, arm), count) in calls.OrderBy(call => call.Key))
        {
            Console.WriteLine($"  {count:N0} calls answered by version {version} ({arm})");
        }

        Console.WriteLine($"  {failed} calls failed.");
        Console.WriteLine($"  {rollout.State}: {rollout.Reason}.");
    }
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 130;
}
finally
{
    if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
}
