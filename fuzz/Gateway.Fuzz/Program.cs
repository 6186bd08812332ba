using SharpFuzz;
using Xmtp.Gateway.Fuzz;

const string Usage = """
    usage: fuzz TARGET [FILE...]    run a target on files, or on the standard input
           fuzz TARGET --afl        run it for afl-fuzz, until it ends
           fuzz replay [TARGET...]  run targets on their corpus
           fuzz seeds               write the seeds whose file is missing
           fuzz words TARGET        the target's words, as a dictionary of afl-fuzz
           fuzz list                the names of the targets
           fuzz instrument FOLDER   add counters of branches to a copy of this program

    """;

switch (args)
{
    case [var name, "--afl"]:
        // No counted code may run before the loop has the memory of the counters.
        IFuzzTarget? chosen = null;
        Fuzzer.Run(input => FuzzRun.Check(chosen ??= FuzzTargets.Find(name)!, ReadAll(input), isTimed: true));
        return 0;
    case ["list"]:
        foreach (var target in FuzzTargets.All) Console.WriteLine(target.Name);
        return 0;
    case ["seeds"]:
        foreach (var target in FuzzTargets.All) Console.WriteLine($"{target.Name}: {FuzzCorpus.WriteSeeds(target)} written");
        return 0;
    case ["instrument", var folder]:
        Instrumentation.AddTo(folder);
        return 0;
    case ["words", var name] when FuzzTargets.Find(name) is { } target:
        foreach (var word in target.Words) Console.WriteLine($"\"{word.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"");
        return 0;
    case ["replay", .. var names] when names.All(name => FuzzTargets.Find(name) is not null):
        return FuzzTargets.All.Where(target => names.Length == 0 || names.Contains(target.Name))
            .Sum(target => Replay(target, FuzzCorpus.FilesOf(target))) > 0 ? 1 : 0;
    case [var name] when FuzzTargets.Find(name) is { } target:
        FuzzRun.Check(target, ReadAll(Console.OpenStandardInput()));
        return 0;
    case [var name, .. var files] when FuzzTargets.Find(name) is { } target && files.All(File.Exists):
        return Replay(target, files) > 0 ? 1 : 0;
    default:
        Console.Error.Write(Usage);
        foreach (var target in FuzzTargets.All) Console.Error.WriteLine($"  {target.Name,-20} {target.Summary}");
        return 2;
}

static int Replay(IFuzzTarget target, IReadOnlyList<string> files)
{
    var failed = 0;
    foreach (var file in files)
    {
        try
        {
            FuzzRun.Check(target, File.ReadAllBytes(file));
        }
#pragma warning disable CA1031 // whatever it is, it is a finding
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failed++;
            Console.WriteLine($"{file}: {exception}");
        }
    }

    Console.WriteLine($"{target.Name}: {files.Count} inputs, {failed} failed");
    return failed;
}

static byte[] ReadAll(Stream stream)
{
    var all = new MemoryStream();
    stream.CopyTo(all);
    return all.ToArray();
}
