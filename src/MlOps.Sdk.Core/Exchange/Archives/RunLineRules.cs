using MlOps.Sdk.Tracking;

namespace MlOps.Sdk;

/// <summary>Holds the lines of the runs, in their order, to what a workspace could have written. Not thread-safe.</summary>
internal sealed class RunLineRules
{
    private const int MostTrials = 100_000;
    private const long MostLogBytes = RunLogLimits.MostBytes + ArchiveRules.LongestLogSize;

    private readonly HashSet<string> _trials = new(StringComparer.Ordinal);
    private bool _hasRun;
    private int _logged;
    private long _logBytes;
    private long _last;

    /// <exception cref="MlOpsException">The line cannot be.</exception>
    public void Check(ArchiveLine line)
    {
        switch (line)
        {
            case { Run: { } run, Points: null, Log: null, Trial: null }:
                ArchiveRules.Check(run);
                _trials.Clear();
                (_hasRun, _logged, _logBytes, _last) = (true, 0, 0, 0);
                break;
            case { Run: null, Points: { } points, Log: null, Trial: null } when _hasRun:
                ArchiveRules.Check(points);
                break;
            case { Run: null, Points: null, Log: { } log, Trial: null } when _hasRun:
                foreach (var entry in log) Check(entry);
                break;
            case { Run: null, Points: null, Log: null, Trial: { } trial } when _hasRun:
                ArchiveRules.Check(trial);
                if (!_trials.Add(trial.Trial)) throw ArchiveReader.Damaged($"the trial '{trial.Trial}' of a run appears twice");
                if (_trials.Count > MostTrials) throw ArchiveReader.Damaged("a run has more trials than any has");
                break;
            default:
                throw ArchiveReader.Damaged("a line of the runs is neither a run nor a part of one");
        }
    }

    private void Check(ArchivedLogEntry? entry)
    {
        ArchiveRules.Check(entry);
        if (entry!.No <= _last) throw ArchiveReader.Damaged("the messages of the log of a run are not in their order");
        _last = entry.No;
        _logBytes += entry.Size;
        if (++_logged > RunLogLimits.MostEntries || _logBytes > MostLogBytes)
        {
            throw ArchiveReader.Damaged("the log of a run is longer than any is");
        }
    }
}
