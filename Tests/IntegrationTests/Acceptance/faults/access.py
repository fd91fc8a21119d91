"""Who may see and do what: keys, pages of other sites, links in the store."""

import hashlib

import numpy

IMAGE = {"image": numpy.zeros((1, 1, 8, 8), dtype=numpy.float32)}


def keys(lab, text=None):
    file = lab.folder() / "keys.txt"
    lines = [f"{name} {hashlib.sha256(name.encode()).hexdigest()} {scopes}"
             for name, scopes in [("camera", "infer+read"), ("door", "infer"), ("boss", "admin")]]
    file.write_text("\n".join(lines) if text is None else text)
    return {"callers": {"key_file": str(file)}}


def bearer(name):
    return {"Authorization": f"Bearer {name}"}


def case_a_key_file_without_keys_is_refused(lab):
    """A key file that holds no key would open everything: an error, for --check too."""
    folder = lab.folder()
    (folder / "store").mkdir()
    for text in ("", "# camera\n", "\n \n"):
        file = keys(lab, text)["callers"]["key_file"]
        for more in ([], ["--check"]):
            result = lab.command("serve", "--port", "0", "--store", "store", *more, cwd=folder, timeout=20,
                                 env={"GATEWAY_CALLERS_KEY_FILE": file})
            assert result.status == 2 and "callers.key_file" in result.error, result


def case_with_keys_reading_needs_one(lab):
    """Where keys are configured, metrics, status, plan, blocks and solving need the scope read, unless that is said."""
    with lab.gateway(config=keys(lab), models={"digits": lab.demo / "models" / "digits.onnx"}) as g:
        for path in ("/metrics", "/v1/status", "/v1/plan", "/v1/blocks", "/v2/models/stats"):
            assert g.get(path).status == 401, path
            assert g.get(path, bearer("door")).status == 403, path
            assert g.get(path, bearer("camera")).status == 200, path
        assert g.post("/v1/plan", {}).status == 401
        assert g.get("/v2/health/live").status == 200


def case_the_page_is_there_without_a_key_and_asks_for_one(lab):
    """A browser, which has no key, gets the page, which asks for it and shows nothing by itself."""
    with lab.gateway(config=keys(lab), models={"digits": lab.demo / "models" / "digits.onnx"}) as g:
        page = g.get("/")
        assert page.status == 200 and b'id="key-form"' in page.body and b"sessionStorage" in page.body
        assert b"digits" not in page.body


def case_callers_see_their_own_requests(lab):
    """Another caller's request is as unknown as one that never was, and its number does not follow from one's own."""
    with lab.gateway(config=keys(lab), models={"digits": lab.demo / "models" / "digits.onnx"}) as g:
        ids = [g.infer("digits", IMAGE, bearer("camera")).json()["parameters"]["request_id"] for _ in range(3)]
        first, second, third = map(int, ids)
        assert second - first != third - second, ids
        for one in ids:
            assert g.get(f"/v1/requests/{one}").status == 401
            assert g.get(f"/v1/requests/{one}", bearer("camera")).status == 200
            assert g.get(f"/v1/requests/{one}", bearer("boss")).status == 200
            assert g.get(f"/v1/requests/{one}", bearer("door")).status == 404


def case_pages_of_other_sites_change_nothing(lab):
    """What a browser sends from a page of another site is refused unless it only reads."""
    with lab.gateway(models={"digits": lab.demo / "models" / "digits.onnx"}) as g:
        own = {"Origin": g.url, "Sec-Fetch-Site": "same-origin"}
        for fields in ({"Origin": "http://elsewhere.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            for path in ("/v2/repository/models/digits/unload", "/v2/repository/models/digits/load", "/v1/plan"):
                assert g.post(path, {}, fields).status == 403, (fields, path)
            assert g.infer("digits", IMAGE, fields).status == 403, fields
            assert g.get("/v2/health/ready", fields).status == 200
        assert g.infer("digits", IMAGE, own).status == 200
        assert g.post("/v2/repository/models/digits/load", {}, own).status == 200


def case_links_in_a_store_are_not_followed(lab):
    """An import into a store whose folders are links is refused and touches nothing where they lead."""
    for name in ("tmp", "blocks", "models", "compiled"):
        elsewhere, store = lab.folder(), lab.folder() / "store"
        (elsewhere / "precious").write_text("precious")
        store.mkdir()
        (store / name).symlink_to(elsewhere)
        done = lab.command("import", lab.demo / "models" / "digits.onnx", "--name", "digits", "--store", store, "--no-verify")
        assert done.status == 1 and name in done.error, done
        assert [file.name for file in elsewhere.iterdir()] == ["precious"], list(elsewhere.iterdir())
