using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Tracking;

[TestFixture]
public sealed class RunLogPlacesTests
{
    private const int Information = 2;
    private const int Warning = 3;

    [Test]
    public void Add_MoreThanTheBound_KeepsHeadAndTailAndTheMostSevereBetween()
    {
        var places = new RunLogPlaces(entries: 16, bytes: 1 << 20);
        var lost = new List<long>();

        for (var no = 1L; no <= 100; no++)
        {
            lost.AddRange(places.Add(Mark(no, no is 30 or 50 ? Warning : Information)).Select(mark => mark.No));
        }

        // 4 of the beginning, 4 of the end, and 8 between: both warnings, and the latest of the others.
        long[] kept = [1, 2, 3, 4, 30, 50, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100];
        Assert.That(places.Kept.Select(mark => mark.No), Is.EquivalentTo(kept));
        Assert.That(lost, Is.EquivalentTo(Enumerable.Range(1, 100).Select(no => (long)no).Except(kept)));
    }

    [Test]
    public void Add_LevelsThatOnlyGetWorse_KeepsTheLastAnyway()
    {
        var places = new RunLogPlaces(entries: 16, bytes: 1 << 20);

        for (var no = 1L; no <= 50; no++) places.Add(Mark(no, Warning));
        for (var no = 51L; no <= 52; no++) places.Add(Mark(no, Information));

        Assert.That(places.Kept.Select(mark => mark.No), Does.Contain(51).And.Contain(52));
    }

    [Test]
    public void Add_LargeMessages_KeepsTheBytesBounded()
    {
        const int Bytes = 1_000;
        var places = new RunLogPlaces(entries: 1_000, Bytes);
        var random = new Random(1);

        for (var no = 1L; no <= 500; no++)
        {
            places.Add(new RunLogMark(no, random.Next(0, 6), random.Next(1, 200), new RunLogRow()));
            Assert.That(places.Kept.Sum(mark => mark.Size), Is.LessThanOrEqualTo(Bytes));
        }

        Assert.That(places.Kept.Sum(mark => mark.Size), Is.GreaterThan(Bytes / 2));
        Assert.That(places.Kept.Select(mark => mark.No), Does.Contain(1).And.Contain(500));
    }

    [Test]
    public void Add_OneMessageThatIsLargerThanItsPart_IsKeptAsTheLast()
    {
        var places = new RunLogPlaces(entries: 16, bytes: 100);

        places.Add(new RunLogMark(1, Information, 60, new RunLogRow()));

        Assert.That(places.Kept.Select(mark => mark.No), Is.EqualTo([1L]));
    }

    private static RunLogMark Mark(long no, int level) => new(no, level, size: 10, new RunLogRow());
}
