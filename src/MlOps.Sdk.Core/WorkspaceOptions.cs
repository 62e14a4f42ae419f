using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Features;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;
using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>How a workspace is opened.</summary>
public sealed class WorkspaceOptions
{
    /// <summary>The folder; it is created when missing. Default: <c>.mlops</c> below the current directory.</summary>
    [Required(AllowEmptyStrings = false)]
    public string Path { get; set; } = ".mlops";

    /// <summary>Who acts, for the audit log. Default: the name of the process's user.</summary>
    [Required(AllowEmptyStrings = false)]
    public string Actor { get; set; } = Environment.UserName is { Length: > 0 } user ? user : "unknown";

    /// <summary>
    /// Who acts, and whether they may change which version answers calls, where that differs from call to call; <see langword="null"/> for
    /// <see cref="Actor"/>, who may do everything. A host takes the one of the container.
    /// </summary>
    public IActorProvider? Actors { get; set; }

    /// <summary>
    /// The roles of <see cref="Actor"/>, of those that approvals are required of (<c>RequireApproval</c>), for a program that one person
    /// uses. Whoever opens the workspace may say what they like here, as for <see cref="Actor"/>. Not asked where there are
    /// <see cref="Actors"/>, which say it by <see cref="IActorProvider.IsIn"/>. Default: none.
    /// </summary>
    public IList<string> Roles { get; } = [];

    /// <summary>
    /// Where packages, snapshots and other artifacts are kept; <see langword="null"/> for the folder <c>artifacts</c> of the workspace. All
    /// processes of a workspace need the same store. It is not disposed of with the workspace. A host takes the one of the container.
    /// </summary>
    public IArtifactStore? Artifacts { get; set; }

    /// <summary>
    /// Signs the packages of the models that are trained or imported; <see langword="null"/> for none. It is not disposed of with the
    /// workspace. A host takes the one of the container.
    /// </summary>
    public PackageSigner? Signer { get; set; }

    /// <summary>
    /// Whose signatures are trusted: a package that none of them signed is neither served nor scored with, whoever stored it;
    /// <see langword="null"/> for packages without signatures, too. A workspace that trains needs a <see cref="Signer"/> whose key is
    /// trusted. A host takes the one of the container.
    /// </summary>
    public PackageTrust? Trust { get; set; }

    /// <summary>
    /// The earliest moment at which a release of another workspace may have gone live there, to be received here. A workspace remembers the
    /// last release that it received, and rejects older ones; a new workspace, as in a container that keeps none, has nothing to remember,
    /// and an old release with a right signature would be as good as a new one to it. The floor is one for all models, and says nothing of
    /// what was received before: that stays live. At most a day in the future. Default: <see langword="null"/>, no floor.
    /// </summary>
    public DateTimeOffset? ReleasesNotBefore { get; set; }

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Where the library logs. Default: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    /// <summary>Threads that training may take at most; <see langword="null"/> for what the lifecycle says.</summary>
    [Range(1, 1024)]
    public int? TrainingThreads { get; set; }

    /// <summary>
    /// The lowest level of messages that the log of a run keeps, whatever the loggers of the application keep;
    /// <see cref="LogLevel.None"/> for no logs of runs. Default: <see cref="LogLevel.Information"/>.
    /// </summary>
    [EnumDataType(typeof(LogLevel))]
    public LogLevel RunLogLevel { get; set; } = LogLevel.Information;

    /// <summary>
    /// How many messages the log of a run keeps. When there are more, how the run began and its latest messages stay, and between them
    /// those of the highest levels. Default: 2,000. From 16 to 100,000.
    /// </summary>
    [Range(RunLogLimits.LeastEntries, RunLogLimits.MostEntries)]
    public int RunLogEntries { get; set; } = RunLogLimits.DefaultEntries;

    /// <summary>How many bytes the messages of a run have together. Default: 1 MiB. From 256 KiB to 256 MiB.</summary>
    [Range(RunLogLimits.LeastBytes, RunLogLimits.MostBytes)]
    public int RunLogBytes { get; set; } = RunLogLimits.DefaultBytes;

    /// <summary>
    /// The readers of the team's own models, feature transforms and row processors; those of the library are always there. A workspace
    /// takes those that are there when it is opened.
    /// </summary>
    public FormatReaders Readers { get; } = BuiltIn();

    /// <summary>What a program reads that registers nothing but the packages MlOps.Sdk and MlOps.Sdk.MicrosoftML.</summary>
    internal FormatReaders ReadersOfTheLibrary() => BuiltIn().AddThose(Readers, "MlOps.Sdk.MicrosoftML");

    // A reader of a model within which is another one reads that one here.
    private static FormatReaders BuiltIn()
    {
        var readers = new FormatReaders();
        BuiltInRowProcessors.AddTo(readers);
        BuiltInTransforms.AddTo(readers);
        BuiltInModels.AddTo(readers);
        return readers;
    }
}
