using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Data;

[TestFixture]
public sealed class ColumnMemoryTests
{
    [Test]
    public void Memory_OfAColumn_IsItsValuesWithoutACopy()
    {
        var builder = new VectorColumnBuilder(2, capacity: 100);
        builder.Append([1, 2]);
        builder.Append([3, 4]);
        var column = (VectorColumn)builder.Build();

        Assert.That(column.Memory.ToArray(), Is.EqualTo(new float[] { 1, 2, 3, 4 }));
        Assert.That(column.Memory.Span.Overlaps(column.Values, out var offset) && offset == 0, Is.True);
    }
}
