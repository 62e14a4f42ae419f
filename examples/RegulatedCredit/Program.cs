using MlOps.Sdk;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Tracking;
using RegulatedCredit;

const string folder = ".mlops-credit";
const string scientist = "data-scientist";
const string officer = "officer-of-credit-risk";
const string validator = "validator-of-models";
const string operations = "operations";

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};

try
{
    // The same story each time: what an earlier start left is not gone on with.
    if (args.Contains("--fresh") && Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    if (Directory.Exists(folder))
    {
        Console.WriteLine($"The folder {folder} is there already. Start with --fresh, which deletes it, or from another folder.");
        return 1;
    }

    Title("A model of what applicants say");
    var first = await TrainAsync(withPrice: false);
    await RefuseOwnApprovalAsync(first);
    await ApproveAsync(first, "the groups are treated alike on the holdout");
    await GoLiveAsync(withPrice: false);

    Title("A model that knows the price of the loan, too");
    var second = await TrainAsync(withPrice: true);
    await ApproveAsync(second, "it ranks loans better on the same rows, and the groups are still treated alike");
    await GoLiveAsync(withPrice: true);

    Title("Operations asks for the version before");
    await RollBackAsync();

    Title("What the record says");
    await WriteCardAsync(version: 2);
    return 0;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    Console.WriteLine("Cancelled.");
    return 2;
}
catch (MlOpsException e)
{
    Console.WriteLine($"Stage {e.Stage?.ToString() ?? "—"}: {e.Message}");
    return 1;
}

async Task<long> TrainAsync(bool withPrice)
{
    await using var workspace = await Desk.OpenAsync(folder, scientist, cancellationToken: stop.Token);
    Console.WriteLine($"{scientist} trains a model, which takes some seconds.");
    var run = await Lifecycle(withPrice).RunAsync(workspace, cancellationToken: stop.Token);
    var deployment = run.Deployment!;
    Console.WriteLine($"{scientist} ran the lifecycle: {Words(run.State)}");
    foreach (var gate in deployment.Gates)
    {
        Console.WriteLine($"  {(gate.IsPending ? "pending" : Words(gate.Outcome)),-14} {gate.Name}: {gate.Observed}");
    }
    return deployment.AwaitsApproval ?? throw new InvalidOperationException($"Nothing awaits an approval: {deployment.Reason}");
}

// Who made the version cannot approve it, whatever role they have.
async Task RefuseOwnApprovalAsync(long request)
{
    await using var workspace = await Desk.OpenAsync(folder, scientist, Desk.RiskOfficer, stop.Token);
    try
    {
        await workspace.Approvals.ApproveAsync(request, "it is my best model", stop.Token);
        throw new InvalidOperationException("The author approved the version.");
    }
    catch (MlOpsException refused)
    {
        Console.WriteLine($"{scientist} cannot approve it: {refused.Problem}");
    }
}

async Task ApproveAsync(long request, string reason)
{
    foreach (var (name, role) in new[] { (officer, Desk.RiskOfficer), (validator, Desk.ModelValidator) })
    {
        await using var workspace = await Desk.OpenAsync(folder, name, role, stop.Token);
        var approval = await workspace.Approvals.ApproveAsync(request, reason, stop.Token);
        var missing = approval.Missing.Count > 0 ? $"; it awaits {string.Join(", ", approval.Missing)}" : "";
        Console.WriteLine($"{name} approved request {request}: {Words(approval.State)}{missing}");
    }
}

// A host would do this itself.
async Task GoLiveAsync(bool withPrice)
{
    await using var workspace = await Desk.OpenAsync(folder, scientist, cancellationToken: stop.Token);
    var waiting = (await workspace.Runs.ListAsync(CreditLifecycle.Name, RunState.AwaitingApproval, cancellationToken: stop.Token)).Single();
    var run = await Lifecycle(withPrice).ResumeAsync(workspace, waiting.Id, cancellationToken: stop.Token);
    Console.WriteLine($"The run {Words(run.State)}, version {run.Deployment!.Version} is live. {run.Deployment.Reason}");
}

async Task RollBackAsync()
{
    long request;
    await using (var workspace = await Desk.OpenAsync(folder, operations, cancellationToken: stop.Token))
    {
        try
        {
            await workspace.Models.RollbackAsync(CreditLifecycle.Name, "reviewers cannot keep up", version: 1, stop.Token);
            throw new InvalidOperationException("The version was rolled back without an approval.");
        }
        catch (ApprovalRequiredException needed)
        {
            Console.WriteLine($"{operations}: {needed.Problem}");
            request = needed.Approval!.Id;
        }
    }

    await ApproveAsync(request, "the queue of reviews is longer than a week");
    await using var later = await Desk.OpenAsync(folder, operations, cancellationToken: stop.Token);
    var live = await later.Models.FindByAliasAsync(CreditLifecycle.Name, ModelRegistry.Champion, stop.Token);
    Console.WriteLine($"Version {live!.Version} is live.");
}

async Task WriteCardAsync(int version)
{
    await using var workspace = await Desk.OpenAsync(folder, "auditor", cancellationToken: stop.Token);
    await foreach (var entry in workspace.Audit.ReadAsync(cancellationToken: stop.Token))
    {
        if (entry.Action.StartsWith("approval.", StringComparison.Ordinal) || entry.Action is "model.promoted" or "model.rolled-back")
        {
            Console.WriteLine($"  {entry.Sequence,3} {entry.Action,-20} {entry.Subject,-24} {entry.Actor}");
        }
    }

    var verification = await workspace.Audit.VerifyAsync(cancellationToken: stop.Token);
    Console.WriteLine(verification.IsIntact ? $"All {verification.Entries} entries are as they were written." : verification.Problem);
    var card = await workspace.Models.CardAsync(CreditLifecycle.Name, version, stop.Token);
    var page = Path.Combine(folder, "model-card.html");
    await File.WriteAllTextAsync(page, card.ToHtml(), stop.Token);
    await File.WriteAllTextAsync(Path.ChangeExtension(page, ".md"), card.ToMarkdown(), stop.Token);
    Console.WriteLine($"The card of version {version}: {page}");
}

static Lifecycle Lifecycle(bool withPrice) => CreditLifecycle.Build(Path.Combine(AppContext.BaseDirectory, "data"), withPrice);

// NotApplicable is "not applicable".
static string Words<T>(T value)
    where T : struct, Enum =>
    string.Concat($"{value}".Select(
        (letter, i) => char.IsUpper(letter) ? $"{(i > 0 ? " " : "")}{char.ToLowerInvariant(letter)}" : $"{letter}"));

static void Title(string text) => Console.WriteLine($"{Environment.NewLine}== {text}");
