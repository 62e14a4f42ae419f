using System.Runtime.CompilerServices;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Stage 8: where a model that passes the gates is served. Built-in targets are extension methods in <c>MlOps.Sdk</c>. Not thread-safe.
/// </summary>
public sealed class DeploymentBuilder
{
    private readonly BuilderSeal _seal = new("DeployModel");
    private readonly List<Func<DeploymentServices, IDeploymentTarget>> _targets = [];
    private double _margin;
    private bool _replacesIncomparable;
    private Func<IServiceProvider, IReleaseReview>? _review;
    private string? _reviewCall;
    private bool _servesInProcess;
    private bool _signs;
    private InputsBuilder? _inputs;
    private ApprovalBuilder? _approval;

    internal DeploymentBuilder()
    {
    }

    /// <summary>Serves on a target.</summary>
    /// <param name="target">The target.</param>
    public DeploymentBuilder To(IDeploymentTarget target)
    {
        _seal.CheckOpen();
        ArgumentNullException.ThrowIfNull(target);
        _targets.Add(_ => target);
        return this;
    }

    /// <summary>Serves on a target from the service container.</summary>
    /// <typeparam name="TTarget">The type to resolve for each run.</typeparam>
    public DeploymentBuilder To<TTarget>()
        where TTarget : class, IDeploymentTarget
    {
        _seal.CheckOpen();
        _targets.Add(services => PluginServices.Require<TTarget>(services.Services));
        return this;
    }

    /// <summary>
    /// By how much the primary metric must improve on the version that is live, on the same rows: the lower bound of the interval of the
    /// difference (97 % for the first comparison of a lifecycle, more for each that follows) must be above it. Default: 0.
    /// </summary>
    /// <param name="margin">The margin in units of the primary metric, at least 0.</param>
    public DeploymentBuilder ReplaceOnlyWhenBetterBy(double margin)
    {
        _seal.Once();
        if (!double.IsFinite(margin) || margin < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(margin), margin, "A margin is a finite number of at least 0.");
        }
        _margin = margin;
        return this;
    }

    /// <summary>
    /// Lets a model that passes all other gates replace a live version that it cannot be compared with: one of another task, of columns
    /// that are gone, of rows that cannot be recognized. Default: the live version stays.
    /// </summary>
    public DeploymentBuilder ReplaceIncomparable()
    {
        _seal.Once();
        _replacesIncomparable = true;
        return this;
    }

    /// <summary>
    /// Says what the model expects of its input, and what happens to other values before the model sees them. It becomes a part of the
    /// package, so that every process and every server handles rows the same, and it is in force when a whole table is scored. Default: the
    /// model sees values as they are.
    /// </summary>
    /// <param name="inputs">Says it.</param>
    public DeploymentBuilder CheckInputs(Action<InputsBuilder> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        _seal.Once();
        _inputs = new InputsBuilder();
        inputs(_inputs);
        return this;
    }

    /// <summary>
    /// Lets a version that passes all other gates wait until people have approved it: the run ends as <c>AwaitingApproval</c>, and its
    /// process may end. They decide with <see cref="Workspace.Approvals"/>, in any process; then a host resumes the run, or
    /// <see cref="Lifecycle.ResumeAsync(Workspace, string, IProgress{LifecycleProgress}?, CancellationToken)"/> does. Whoever made the
    /// version cannot approve it. Once a version is live, the workspace keeps who must approve: a lifecycle that requires less must be
    /// approved by them once more. Default: nobody must approve.
    /// </summary>
    /// <param name="approval">Says who.</param>
    public DeploymentBuilder RequireApproval(Action<ApprovalBuilder> approval)
    {
        ArgumentNullException.ThrowIfNull(approval);
        _seal.Once();
        _approval = new ApprovalBuilder();
        approval(_approval);
        return this;
    }

    internal void ToThisProcess()
    {
        _seal.Once("ToProcess");
        _servesInProcess = true;
        _targets.Add(services => services.Process);
    }

    /// <summary>Serves on a target of the library outside of the process.</summary>
    /// <param name="target">Makes it.</param>
    /// <param name="signs">Whether what it gets is a signed release.</param>
    internal DeploymentBuilder ToOutside(Func<DeploymentServices, IDeploymentTarget> target, bool signs)
    {
        _seal.CheckOpen();
        _signs |= signs;

        // Once for a workspace: what is made for every look would make connections of its own.
        var made = new ConditionalWeakTable<InProcessTarget, IDeploymentTarget>();
        _targets.Add(services => made.GetValue(services.Process, _ => target(services)));
        return this;
    }

    internal DeploymentBuilder ReviewWith(Func<IServiceProvider, IReleaseReview> review, string call)
    {
        _seal.Once(call);
        if (_reviewCall is { } other && other != call)
        {
            _seal.Add($"DeployModel calls {other} and {call}, and a version goes live in one way.", "Keep one of them.");
        }

        (_review, _reviewCall) = (review, call);
        return this;
    }

    /// <summary>Reviews by what a builder within this one says, whose mistakes are those of this one.</summary>
    internal DeploymentBuilder ReviewAs(Func<ICollection<string>, Func<IServiceProvider, IReleaseReview>> build, string call) =>
        ReviewWith(build(_seal.Mistakes), call);

    internal DeploymentPlan Build(BuildContext context)
    {
        _seal.Close(context.Mistakes);
        if (_targets.Count == 0) context.Lacks(LifecycleStage.Deployment, "DeployModel has no target. Call ToProcess() or To(…).");
        return new DeploymentPlan([.. _targets], _margin, _replacesIncomparable, _review)
        {
            ServesInProcess = _servesInProcess,
            Signs = _signs,
            ReviewCall = _reviewCall,
            Inputs = _inputs?.Complete(context.Mistakes),
            Approval = _approval?.Build(context.Mistakes),
        };
    }
}
