"""What the command line, the configuration file and the environment take, and what is said where they do not."""


def checked(lab, *args, config=None, env=None):
    folder = lab.folder()
    (folder / "store").mkdir()
    if config is not None:
        (folder / "gateway.yaml").write_text(config)
    return lab.command("serve", "--check", "--store", "store", *args, env=env, cwd=folder)


def expect_line(result, *parts):
    assert result.status == 2, result
    assert result.error.count("\n") == 1 and all(part in result.error for part in parts), (parts, result)


def case_unknown_variables_are_refused_with_the_name_that_was_meant(lab):
    """GATEWAY_PROT=80 does not start a gateway on 8080; what Kubernetes adds for services is left alone."""
    expect_line(checked(lab, env={"GATEWAY_PROT": "80"}), "GATEWAY_PROT", "GATEWAY_PORT")
    expect_line(checked(lab, env={"GATEWAY_NONSENSE": "1"}), "GATEWAY_NONSENSE")
    links = {"GATEWAY_SERVICE_HOST": "10.0.0.1", "GATEWAY_PORT": "tcp://10.0.0.1:80", "GATEWAY_PORT_80_TCP_ADDR": "10.0.0.1"}
    assert checked(lab, env=links).status == 0
    assert checked(lab, env={"GATEWAY_PORT": "9000"}).status == 0


def case_negative_numbers_are_values(lab):
    """`--port -1` is refused as a port, not as a missing value."""
    expect_line(checked(lab, "--port", "-1"), "--port", "-1", "0...65535")
    expect_line(checked(lab, "--memory-bytes", "-5"), "--memory-bytes", "-5")
    expect_line(checked(lab, config="server:\n  port: -1\n"), "server.port", "-1")


def case_yaml_that_cannot_be_read_is_one_line_with_its_place(lab):
    """Errors of a configuration file name the file, the line and the column, in one line."""
    expect_line(checked(lab, config="server:\n  port: 1\n port: 2\n"), "gateway.yaml", "line 3")
    expect_line(checked(lab, config="server: {port: 1\n"), "gateway.yaml", "line")
    expect_line(checked(lab, config="server:\n\tport: 1\n"), "gateway.yaml", "line 2")
    expect_line(checked(lab, config="server:\n  prot: 1\n"), "server.prot", "server.port")
    expect_line(checked(lab, config="server:\n  port: 1\n  port: 2\n"), "given twice")


def case_a_replay_says_in_plain_words_why_it_cannot_connect(lab):
    """No library's own words where a gateway cannot be reached."""
    folder = lab.folder()
    (folder / "store").mkdir()
    trace = lab.command("trace", "--rate", "50", "--duration", "1", "--models", "digits", cwd=folder)
    assert trace.status == 0, trace
    (folder / "trace.jsonl").write_text(trace.output)
    for url, words in [(f"http://127.0.0.1:{lab.free_port()}", "connection refused"), ("http://no-such-host.invalid", "no address")]:
        result = lab.command("replay", "trace.jsonl", "--url", url, cwd=folder)
        assert result.status == 1 and words in result.error, result
        assert not any(word in result.error for word in ("NIO", "Error", "errno", "(")), result
