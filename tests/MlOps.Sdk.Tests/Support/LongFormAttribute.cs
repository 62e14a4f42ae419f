using NUnit.Framework;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;

namespace MlOps.Sdk.Tests;

/// <summary>Marks tests that take minutes: they run where <c>MLOPS_LONG</c> is 1, and are skipped with a reason elsewhere.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
internal sealed class LongFormAttribute : NUnitAttribute, IApplyToTest
{
    public void ApplyToTest(Test test)
    {
        if (Environment.GetEnvironmentVariable("MLOPS_LONG") == "1" || test.RunState == RunState.NotRunnable) return;
        test.RunState = RunState.Skipped;
        test.Properties.Set(PropertyNames.SkipReason, "It takes minutes: set MLOPS_LONG=1 to run it.");
    }
}
