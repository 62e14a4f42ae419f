using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Gives the shadows of a route copies of calls. Never waits, never throws. Thread-safe; allocates nothing after warm-up.
/// </summary>
/// <typeparam name="TRow">The row.</typeparam>
/// <typeparam name="TAnswer">The answer.</typeparam>
/// <param name="bind">Gives what is compiled for a version.</param>
internal sealed class ShadowCopies<TRow, TAnswer>(Func<LiveModel, BoundModel<TRow, TAnswer>> bind)
{
    /// <summary>Copies a call that was answered.</summary>
    /// <param name="route">The route.</param>
    /// <param name="arm">The arm that answered.</param>
    /// <param name="scores">What it answered.</param>
    /// <param name="row">The row, which is read once more.</param>
    /// <param name="id">The prediction's id.</param>
    public void Copy(LiveRoute route, LiveArm arm, ReadOnlySpan<double> scores, TRow row, PredictionId id)
    {
        var decision = arm.Live.Package.Decision.Decide(scores);
        var score = arm.Live.Package.Decision.Labels.Task == TaskKind.MulticlassClassification ? scores[decision] : scores[0];
        for (var i = 0; i < route.Shadows.Count; i++)
        {
            var shadow = route.Shadows[i].Shadow;
            if (!route.IsCopied(id, i) || shadow.Live.Enter() is not { } scorer) continue;
            try
            {
                bind(shadow.Live).Take(scorer, row, RouteGeneration.None);
                shadow.Add(id, arm, scorer.Inputs, score, decision);
            }
            catch (Exception e)
            {
                shadow.Fail(id, arm, score, decision, e);
            }
            finally
            {
                shadow.Live.Exit(scorer);
            }
        }
    }
}
