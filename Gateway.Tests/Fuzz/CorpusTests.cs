using Xmtp.Gateway.Fuzz;

namespace Xmtp.Gateway.Tests.Fuzz;

/// <summary>Runs every target of <c>fuzz/Gateway.Fuzz</c> on the inputs in <c>fuzz/corpus</c>; <c>.ci/fuzz</c> looks for more.</summary>
public class CorpusTests
{
    private const int MaxCorpusBytes = 1 << 20;

    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void What_a_target_states_holds_for_every_input_of_its_corpus(string name)
    {
        var target = FuzzTargets.Find(name)!;
        var files = FuzzCorpus.FilesOf(target);
        Assert.NotEmpty(files);
        Assert.All(files, file =>
        {
            var fault = Record.Exception(() => FuzzRun.Check(target, File.ReadAllBytes(file)));
            Assert.True(fault is null, $"{file}: {fault}");
        });
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void The_seeds_of_a_target_are_in_its_corpus(string name)
    {
        var target = FuzzTargets.Find(name)!;
        var files = FuzzCorpus.FilesOf(target).Select(Path.GetFileName).ToHashSet();
        Assert.All(target.Seeds, seed => Assert.Contains(seed.Name, files));
    }

    [Fact]
    public void Every_folder_of_the_corpus_is_a_targets_and_the_inputs_are_small()
    {
        Assert.Equal(
            FuzzTargets.All.Select(target => target.Name).Order(StringComparer.Ordinal),
            Directory.EnumerateDirectories(FuzzCorpus.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var sizes = FuzzTargets.All.SelectMany(FuzzCorpus.FilesOf).Select(file => new FileInfo(file).Length).ToList();
        Assert.All(sizes, size => Assert.InRange(size, 0, FuzzRun.MaxInput));
        Assert.InRange(sizes.Sum(), 1, MaxCorpusBytes);
    }

    [Fact]
    public void A_property_that_does_not_hold_is_a_fault()
    {
        var violated = Assert.Throws<PropertyViolatedException>(() => FuzzRun.Check(new Wasteful(), [1]));
        Assert.Contains("bytes were allocated for 1", violated.Message, StringComparison.Ordinal);
    }

    private sealed class Wasteful : IFuzzTarget
    {
        public string Name => "wasteful";

        public string Summary => "takes 32 MiB for each input";

        public IEnumerable<(string Name, byte[] Input)> Seeds => [];

        public void Run(byte[] input) => GC.KeepAlive(new byte[32 << 20]);
    }
}
